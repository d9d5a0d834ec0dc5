#pragma once
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

// curl_easy_setopt, curl_easy_getinfo, curl_multi_setopt and curl_share_setopt are variadic, and
// Swift cannot import a variadic function. One typed wrapper per argument type; nothing else belongs
// in this header.
static inline CURLcode shim_curl_set_long(CURL *_Nonnull handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

// libcurl copies the text.
static inline CURLcode shim_curl_set_text(CURL *_Nonnull handle, CURLoption option,
                                          const char *_Nonnull value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode shim_curl_set_pointer(CURL *_Nonnull handle, CURLoption option,
                                             void *_Nonnull value) {
  return curl_easy_setopt(handle, option, value);
}

// libcurl keeps the pointer: the list must outlive the transfer.
static inline CURLcode shim_curl_set_list(CURL *_Nonnull handle, CURLoption option,
                                          struct curl_slist *_Nonnull value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode shim_curl_set_write(CURL *_Nonnull handle, CURLoption option,
                                           curl_write_callback _Nonnull value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode shim_curl_set_open_socket(CURL *_Nonnull handle,
                                                 curl_opensocket_callback _Nonnull value) {
  return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, value);
}

static inline CURLcode shim_curl_set_before_request(CURL *_Nonnull handle,
                                                    curl_prereq_callback _Nonnull value) {
  return curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, value);
}

static inline CURLcode shim_curl_get_pointer(CURL *_Nonnull handle, CURLINFO info,
                                             void *_Nullable *_Nonnull value) {
  return curl_easy_getinfo(handle, info, value);
}

static inline CURLMcode shim_curl_multi_set_long(CURLM *_Nonnull handle, CURLMoption option,
                                                 long value) {
  return curl_multi_setopt(handle, option, value);
}

static inline CURLSHcode shim_curl_share(CURLSH *_Nonnull handle, curl_lock_data what) {
  return curl_share_setopt(handle, CURLSHOPT_SHARE, what);
}
