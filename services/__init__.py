"""The contexts of the platform, each with one declaration in its ``service.py``, and the runtime that starts them."""
