"""Contracts in the words of others: Open Data Contracts, JSON Schema, Frictionless tables."""
