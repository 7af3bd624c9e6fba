# The tap, and with `--build-arg TARGET=...` a target beside it, each in an environment of its own. docs/deploying.md says
# how to run it: as another user than root, on a file system that is read-only except for /tmp.
FROM python:3.13-slim-trixie AS build

WORKDIR /src
COPY constraints.txt pyproject.toml LICENSE README.md ./
COPY tap_asana tap_asana
RUN mkdir /opt/state \
 && python -m venv /opt/tap \
 && /opt/tap/bin/pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt .

# Requirements of pip, such as meltanolabs-target-postgres==0.8.1; without one, the image has the tap alone.
ARG TARGET=""
RUN python -m venv /opt/target \
 && if [ -n "$TARGET" ]; then /opt/target/bin/pip install --no-cache-dir --disable-pip-version-check $TARGET; fi

FROM python:3.13-slim-trixie

COPY --from=build /opt/tap /opt/tap
COPY --from=build /opt/target /opt/target
# A new volume mounted here belongs to the user below.
COPY --from=build --chown=10001:10001 /opt/state /state
COPY --chmod=755 examples/pipe.sh /opt/tap/bin/pipe
ENV PATH=/opt/tap/bin:/opt/target/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1

# A run is a job that ends: its health is its exit code.
HEALTHCHECK NONE
USER 10001:10001
WORKDIR /tmp
ENTRYPOINT ["tap-asana"]
CMD ["--help"]
