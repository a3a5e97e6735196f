"""The book's figures: one module a page, one function a figure, each returning a Picture or a Stepper."""
