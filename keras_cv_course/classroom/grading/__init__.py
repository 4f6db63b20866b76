"""What an instructor works with: submissions, sandbox, grading, report, similarity."""
