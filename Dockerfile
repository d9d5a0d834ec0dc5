# syntax=docker/dockerfile:1.7
# The image: the binary with its Swift runtime inside, and Debian's shared libraries, on a base without a
# shell. Tests/EndToEndTests/ImageTests.swift puts the same together without a container engine.
# Pinned by version; distroless has digests alone, and no version. The release's
# provenance says which one it was, and BASE takes one.
ARG SWIFT_VERSION=6.3.1
ARG DEBIAN_VERSION=12.11
ARG BASE=gcr.io/distroless/cc-debian12:nonroot

# glibc must not be newer here than in the base, so both are Debian 12.
FROM docker.io/library/swift:${SWIFT_VERSION}-bookworm AS build
ARG TARGETARCH
WORKDIR /src
COPY scripts/setup scripts/setup
RUN scripts/setup
COPY . .
RUN --mount=type=cache,id=larder-${TARGETARCH},target=/src/.build,sharing=locked \
    swift build -c release --product larder --static-swift-stdlib \
    && mkdir -p /out /symbols \
    && objcopy --only-keep-debug .build/release/larder /symbols/larder.debug \
    && strip -o /out/larder .build/release/larder

# For whoever keeps the symbols of a release: docker build --target symbols --output …
FROM scratch AS symbols
COPY --from=build /symbols/larder.debug /

FROM docker.io/library/debian:${DEBIAN_VERSION}-slim AS libraries
COPY deploy/image/unpack deploy/image/packages.txt /build/
RUN apt-get update -qq \
    && /build/unpack /build/packages.txt /image \
    && rm -rf /var/lib/apt/lists/* \
    && mkdir /empty

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Larder" \
      org.opencontainers.image.description="A pull-through cache for PyPI, npm and Helm repositories" \
      org.opencontainers.image.source="https://github.com/owner/larder" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=libraries /image /
COPY --from=libraries --chown=65532:65532 /empty /var/lib/larder
COPY --from=build /out/larder /usr/local/bin/larder
# The only path that is written to, staging included; the root file system may be read-only.
ENV LARDER_LISTEN=0.0.0.0:8080 \
    LARDER_DATA=/var/lib/larder
VOLUME ["/var/lib/larder"]
EXPOSE 8080
# By number: a kubelet cannot tell that a name is not root.
USER 65532:65532
STOPSIGNAL SIGTERM
# A start may wait for its database (60 s) and bring the tables up to date (600 s).
HEALTHCHECK --interval=10s --timeout=6s --start-period=720s --retries=3 \
    CMD ["/usr/local/bin/larder", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/larder"]
CMD ["serve"]
