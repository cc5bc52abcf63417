# Vulcand 0.9.2 from its source, as tests/tools/fetch_vulcand.sh builds it.
ARG GO=golang:1.19-bookworm
ARG BASE=debian:trixie-slim
FROM ${GO} AS build
# As everywhere with Go, where modules are had from; empty is Go's own default.
ARG GOPROXY
ARG GOSUMDB
RUN go mod download github.com/vulcand/vulcand@v0.9.2 && \
    cd "$(go env GOPATH)/pkg/mod/github.com/vulcand/vulcand@v0.9.2" && \
    CGO_ENABLED=0 go build -mod=readonly -buildvcs=false -o /vulcand .

FROM ${BASE}
COPY --from=build /vulcand /usr/bin/
USER 65534:65534
ENTRYPOINT ["vulcand"]
