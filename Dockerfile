# One static program in an otherwise empty image:
#   docker build -t restock .
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/shop" restock run --as-of today

FROM rust:1.95-slim-bookworm AS build
# A C compiler for zstd and lz4; time zones for TZ.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev make tzdata \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /restock
COPY . .
# Static with the allocator of glibc: that of musl makes threads wait for each other. Naming the
# target keeps the flag from the procedural macros, which cannot be static.
ENV RUSTFLAGS="-C target-feature=+crt-static"
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/restock/target \
    host="$(rustc -vV | sed -n 's/^host: //p')" \
    && cargo build --release --locked --bin restock --target "$host" \
    && cp "target/$host/release/restock" /usr/local/bin/restock \
    && mkdir /shop

FROM scratch
COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo
COPY --from=build /usr/local/bin/restock /restock
# Nobody; the folder of the shop must be one that this number may write to, or give --user.
COPY --from=build --chown=65532:65532 /shop /shop
USER 65532:65532
WORKDIR /shop
ENTRYPOINT ["/restock"]
CMD ["run", "--as-of", "today", "--log-format", "json"]
