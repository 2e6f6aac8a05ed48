"""Addresses: the city's host has one list, every department's host the other."""
