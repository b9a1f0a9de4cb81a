# The image of Redline: small, without a compiler, run by a user who may write nothing but /app/data.
#
#   docker build -t redline .
#   docker run --env-file .env -v redline-data:/app/data redline
#
# Mount your own settings over /app/config. Pin the base by its digest where you build for others.
FROM python:3.11-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1

RUN python -m venv /opt/redline
WORKDIR /src
COPY requirements/run.in requirements/run.txt requirements/
RUN /opt/redline/bin/pip install --require-hashes --only-binary :all: -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
# Of the lists of cities that come along only the one that is read stays: 160 MB less.
RUN find /opt/redline -name 'cities*.json' ! -name cities15000.json -delete
COPY bot bot
COPY handlers handlers
RUN /opt/redline/bin/pip install --no-deps --no-build-isolation .

FROM python:3.11-slim

# The user has no entry in /etc/passwd, so its home is named here: libraries ask for it.
ENV PATH=/opt/redline/bin:$PATH \
    HOME=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1

COPY --from=build /opt/redline /opt/redline
WORKDIR /app
COPY config config
RUN install -d -o 10001 -g 10001 /app/data
USER 10001
VOLUME ["/app/data"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["redline"]
CMD ["run"]
