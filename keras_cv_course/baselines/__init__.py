"""Simple and ready-made methods that lessons compare their networks with."""
