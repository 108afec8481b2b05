"""The study service: sessions by tier (五学), 第一议题, and what is conveyed at once (§1, §3)."""
