"""What a student works with: files, progress, watch, hints."""
