"""Takes pictures of every panel and dialog of the real program in the demo."""
