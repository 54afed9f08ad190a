# The pins and the project are installed where compilers and pip may be, and copied to where only Python is.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/sebaya
COPY requirements/runtime.txt requirements/runtime.txt
RUN /opt/sebaya/bin/pip install --require-hashes -r requirements/runtime.txt
COPY pyproject.toml LICENSE ./
COPY flows flows
COPY bot bot
COPY admin_api admin_api
COPY cli cli
COPY locales locales
COPY tests/crisis/data tests/crisis/data
RUN /opt/sebaya/bin/pip install --no-build-isolation --no-deps --no-index . \
    && /opt/sebaya/bin/python -m compileall -q /opt/sebaya/lib \
    && /opt/sebaya/bin/sebaya --help >/dev/null

FROM python:3.11-slim
# /data and, where it is mounted, /backups are the only places that are written to; the rest may be read-only.
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin sebaya \
    && install -d -o sebaya -g sebaya -m 700 /data /backups
COPY --from=build /opt/sebaya /opt/sebaya
ENV PATH=/opt/sebaya/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SEBAYA_DATABASE_URL=sqlite:////data/sebaya.db
USER sebaya
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# It stops by SIGTERM: what was received is committed, what was not confirmed comes again.
STOPSIGNAL SIGTERM
CMD ["sebaya", "serve", "--host", "0.0.0.0", "--port", "8000"]
