# The kit in a box: nothing is fetched when it runs, and it is nobody's administrator. In the folder of your export:
#   docker build -t l2c PATH_OF_THE_CHECKOUT
#   docker run --rm --network none --user "$(id -u)" -v "$PWD":/data l2c report export.csv -o report
# The dashboard needs its port, so it cannot have `--network none`; the address that it prints holds the token:
#   docker run --rm -p 127.0.0.1:8866:8866 -v "$PWD":/data l2c dashboard log --host 0.0.0.0 --no-browser
FROM python:3.13-slim AS wheel
WORKDIR /src
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheel .

FROM python:3.13-slim
COPY requirements.txt /tmp/
RUN pip install --no-cache-dir --requirement /tmp/requirements.txt
COPY --from=wheel /wheel /tmp/wheel
RUN pip install --no-cache-dir --no-deps /tmp/wheel/*.whl && rm -r /tmp/wheel /tmp/requirements.txt \
    && useradd --uid 1000 --create-home analyst && install --directory --owner analyst /data
# Caches of Jupyter and matplotlib, writable for whatever user `docker run --user` names.
ENV HOME=/tmp PYTHONDONTWRITEBYTECODE=1
USER analyst
WORKDIR /data
EXPOSE 8866
ENTRYPOINT ["l2c"]
CMD ["--help"]
