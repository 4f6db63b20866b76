"""The process that holds a student's code. Its files import nothing else of the course."""
