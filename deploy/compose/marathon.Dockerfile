# The stand-in Marathon, whose tasks are processes beside it. Not optimised: it is compiled
# in half the time, and has little to do.
ARG BASE=debian:trixie-slim
FROM ${BASE} AS build
WORKDIR /source
COPY tests/tools/packages.sh tests/tools/
# As in deploy/Dockerfile, so that it is one layer of both.
RUN tests/tools/packages.sh build
COPY CMakeLists.txt CMakePresets.json ./
COPY deploy/package deploy/package
COPY adapters adapters
COPY dispatcher dispatcher
COPY tests tests
# deploy/demo-compose.sh wants the model of Kong, too, which reads YAML.
ARG PROGRAMS=marathon_sim
RUN cmake --preset release -DDISPATCHER_WERROR=OFF -DDISPATCHER_BATCH=100 -DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O0 && \
    cmake --build build/release --target ${PROGRAMS}

FROM ${BASE}
RUN apt-get update -q && \
    apt-get install -qy --no-install-recommends hostname libabsl20240722 libcpp-httplib0.18 libspdlog1.15 libyaml-cpp0.8 && \
    rm -rf /var/lib/apt/lists/*
COPY --from=build /source/build/release/bin/ /usr/bin/
COPY deploy/compose/marathon.sh /usr/bin/
# Whatever the umask under which the tree was cloned.
RUN chmod 755 /usr/bin/marathon.sh
USER 65534:65534
EXPOSE 8080
ENTRYPOINT ["marathon.sh"]
