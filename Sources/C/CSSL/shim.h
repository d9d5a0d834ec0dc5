#pragma once
#include <openssl/err.h>
#include <openssl/ssl.h>

// Macros with arguments, which Swift cannot call.
static inline int shim_ssl_minimum(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}
static inline int shim_ssl_reason(unsigned long error) { return ERR_GET_REASON(error); }
// Sessions are resumed by tickets alone, so that nothing is kept for clients that have gone.
static inline void shim_ssl_modes(SSL_CTX *context) {
    SSL_CTX_set_mode(
        context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                     SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(context, 1);
}

// The most records and messages of handshakes that may come, and alerts that go, between two pieces of
// content.
enum { shim_ssl_message_limit = 64 };

// libssl 3.0 reads on within one call while such messages come, and, once our side has ended, over records of
// handshakes that nobody reads, so that a client that sends nothing else would keep its thread for ever: beyond
// the limit the session counts as ended.
static inline void shim_ssl_note(
    int is_written, int version, int type, const void *bytes, size_t count, SSL *ssl, void *argument) {
    (void)version, (void)bytes, (void)count;
    int *noted = (int *)argument;
    int counts = is_written ? type == SSL3_RT_ALERT : type == SSL3_RT_HANDSHAKE || type == SSL3_RT_HEADER;
    if (!counts || ++*noted <= shim_ssl_message_limit) return;
    SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
}
// `noted` counts, and must live as long as the session.
static inline void shim_ssl_watch(SSL *ssl, int *noted) {
    SSL_set_msg_callback(ssl, shim_ssl_note);
    SSL_set_msg_callback_arg(ssl, noted);
}
