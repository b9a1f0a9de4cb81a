"""Suites that every adapter and every store must pass."""

import pytest

# The suites are no test modules themselves, and still want assertions that explain themselves.
pytest.register_assert_rewrite("tests.contracts.chat", "tests.contracts.commands")
pytest.register_assert_rewrite("tests.contracts.store", "tests.contracts.store_outbox")
pytest.register_assert_rewrite("tests.contracts.store_search", "tests.contracts.store_register")
