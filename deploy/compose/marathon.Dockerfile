# The stand-in Marathon, whose tasks are processes beside it.
ARG BASE=debian:trixie-slim
FROM ${BASE} AS build
WORKDIR /source
COPY tests/tools/packages.sh tests/tools/
RUN tests/tools/packages.sh build
COPY . .
RUN cmake --preset release -DDISPATCHER_WERROR=OFF && cmake --build build/release --target marathon_sim

FROM ${BASE}
RUN apt-get update -q && \
    apt-get install -qy --no-install-recommends hostname libabsl20240722 libcpp-httplib0.18 libspdlog1.15 && \
    rm -rf /var/lib/apt/lists/*
COPY --from=build /source/build/release/bin/marathon_sim /usr/bin/
COPY deploy/compose/marathon.sh /usr/bin/
USER 65534:65534
EXPOSE 8080
ENTRYPOINT ["marathon.sh"]
