"""Inputs that chance makes, each by its seed, and what holds for every one of them.

`plans`, `files` and `answers` are one subject each: `case(seed)` makes an input, `promises` says
what must hold whatever it is. `corpus/` keeps what once went wrong.
"""
