"""Chance that is the same in each run: what generated rows are drawn by, as SQL."""

DRAWING = """
CREATE MACRO draw(i, name) AS (md5_number_lower(name || i) >> 1)::BIGINT;
CREATE MACRO bad(drawn, permille) AS drawn % 1000 < permille;
CREATE MACRO pick(drawn, n) AS (drawn // 1000) % n;
"""
