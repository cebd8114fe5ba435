# The wheel is built in one stage and installed in the next, by the same steps that .ci/run takes for its test of the
# wheel in a clean environment.
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY bridge ./bridge
COPY mappings ./mappings
RUN python -m pip wheel --no-deps --wheel-dir /dist .

FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PATH=/opt/statusbridge/bin:$PATH \
    BRIDGE_CONFIG=/etc/statusbridge/bridge.yaml \
    BRIDGE_STATE_DIR=/var/lib/statusbridge \
    BRIDGE_WEB_HOST=0.0.0.0 \
    BRIDGE_WEB_PORT=8080
COPY requirements.lock /tmp/requirements.lock
COPY --from=build /dist /tmp/dist
RUN python -m venv /opt/statusbridge \
    && /opt/statusbridge/bin/pip install --no-cache-dir --constraint /tmp/requirements.lock /tmp/dist/*.whl \
    && statusbridge --version \
    && rm -r /tmp/dist /tmp/requirements.lock
RUN useradd --system --uid 10001 --home-dir /var/lib/statusbridge --create-home statusbridge
USER statusbridge
WORKDIR /var/lib/statusbridge
VOLUME /var/lib/statusbridge
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/readyz', timeout=4)"]
ENTRYPOINT ["statusbridge"]
CMD ["up"]
