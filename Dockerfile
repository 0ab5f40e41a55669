# The image of cper-lod: docker build -t cper-lod . (this needs the package registries; what it makes needs no network).
# How it is meant to be run, read-only and without rights: deploy/compose.yaml.

FROM node:24.11.1-trixie-slim AS node

FROM python:3.13.9-slim-trixie AS build
# Node.js builds the query editor; it stays in this stage.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src
# The dependencies first: they are fetched again only where pyproject.toml has changed.
COPY pyproject.toml ./
RUN python -m venv /opt/cper-lod \
 && python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["dependencies"], sep="\n")' \
    > /tmp/requirements.txt \
 && /opt/cper-lod/bin/pip install --no-cache-dir --disable-pip-version-check --requirement /tmp/requirements.txt
COPY LICENSE README.md ./
COPY cper_lod cper_lod
COPY ontology ontology
COPY shapes shapes
COPY data data
RUN CPER_LOD_ASSETS=require pip wheel --no-cache-dir --disable-pip-version-check --no-deps --wheel-dir /tmp/wheel . \
 && /opt/cper-lod/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-index /tmp/wheel/*.whl \
 && /opt/cper-lod/bin/pip uninstall --yes --quiet pip

FROM python:3.13.9-slim-trixie
RUN groupadd --system --gid 10001 cper-lod \
 && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/cper-lod --shell /usr/sbin/nologin cper-lod \
 && install --directory --owner=cper-lod --group=cper-lod --mode=0750 /var/lib/cper-lod
COPY --from=build /opt/cper-lod /opt/cper-lod
ENV PATH=/opt/cper-lod/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    CPER_LOD_HOST=0.0.0.0 \
    CPER_LOD_RELEASES=/var/lib/cper-lod/releases \
    CPER_LOD_LOG_LEVEL=info
WORKDIR /var/lib/cper-lod
USER 10001:10001
EXPOSE 8000
# The first start builds the release: some ten seconds.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ.get('CPER_LOD_PORT', '8000') + '/ready', timeout=4).close()"]
ENTRYPOINT ["cper-lod"]
CMD ["serve"]
