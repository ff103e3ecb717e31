# The agenbridge image holds one static binary and CA certificates, so there is nothing else
# to patch.
#
#   docker build --build-arg VERSION="$(git describe --tags --always)" \
#     --build-arg REVISION="$(git rev-parse HEAD)" -t agenbridge .
#
# The same sources, version, and compiler give the same binary in any folder on any machine.
# To get an image with the same digest as well, pin the base image by its digest and add
#
#   --build-arg SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)" \
#     --output type=image,rewrite-timestamp=true --provenance=false

FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src

COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \
    go mod download

# .dockerignore lets in only the sources of the binary.
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${VERSION}" \
    -o /out/agenbridge ./cmd/agenbridge

# The image's user may write to /data. A new volume takes over the owner and the mode.
RUN install -d -m 0700 -o 65532 -g 65532 /out/data

FROM scratch
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="agenbridge" \
      org.opencontainers.image.description="Bridges Slack threads to the Agen coding agent" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/agenbridge/agenbridge" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=65532:65532 /out/data /data
COPY LICENSE /LICENSE
COPY --from=build /out/agenbridge /agenbridge

# The bridge writes only below /data, so the root file system can be read-only.
ENV STORE_URL=bolt:/data/agenbridge.db \
    PROBE_ADDR=:8080
VOLUME ["/data"]
EXPOSE 8080
USER 65532:65532

# The start period covers the 30 s that a new container waits for the old one to release the
# file lock.
HEALTHCHECK --interval=30s --timeout=5s --start-period=40s --retries=3 CMD ["/agenbridge", "health"]
ENTRYPOINT ["/agenbridge"]
