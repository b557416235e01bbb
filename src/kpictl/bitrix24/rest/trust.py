"""Whose certificates are believed: those that this machine believes, a company's own included."""

from __future__ import annotations

import ssl

from kpictl.bitrix24.rest.access import Access, Webhook
from kpictl.bitrix24.rest.addresses import split


def context(access: Access) -> ssl.SSLContext:
    """Return the authorities for the way to a portal.

    OpenSSL takes those of the system, or of the file and folder that SSL_CERT_FILE and SSL_CERT_DIR
    name: an authority of the company's own is in one of these. Those of certifi stand in where
    there are none at all, as in Python's own builds for macOS and in bare containers.
    """
    if isinstance(access, Webhook) and split(access.base).scheme == "http":
        # This machine (see `addresses`): nothing is encrypted, and reading a store takes a tenth of
        # a second. Whatever were encrypted after all would be refused.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    found = ssl.create_default_context()
    if not found.cert_store_stats()["x509_ca"]:
        import certifi

        found.load_verify_locations(certifi.where())
    return found
