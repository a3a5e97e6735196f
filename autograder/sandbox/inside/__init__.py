"""Exactly what is bound into the jail: every module of this folder, and nothing else of the project.

The modules import each other by their bare names, as the scripts that they are inside. Those that the trusted
side uses too (protocol.py, answers.py) import NumPy only.
"""
