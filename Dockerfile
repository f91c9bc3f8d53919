# One image for every function: a Node binary, ONNX Runtime and sharp for this platform, one bundle per
# function. FUNCTION_TARGET picks the bundle. A pipeline pins the bases by digest.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${NODE_IMAGE} AS build
WORKDIR /app
ENV NODE_ENV=development ORT_DISABLE_TELEMETRY=1
COPY package.json package-lock.json .npmrc ./
COPY scripts/node ./scripts/node
# The secret `ca` is a PEM file of certificate authorities, for networks whose proxy re-signs TLS.
# No install scripts: the one of onnxruntime-node would download GPU libraries.
RUN --mount=type=secret,id=ca,required=false \
    if [ -f /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca npm_config_cafile=/run/secrets/ca; fi; \
    npm ci --ignore-scripts --no-progress && rm -rf /root/.npm
COPY . .
# Bundles every function and proves each by predictions, with the very binary that will run it: V8 takes
# a code cache from no other. What only developers need stays behind.
RUN node scripts/build.ts && rm dist/*/*.cjs.map dist/*/inputs.json && mv dist/native native

FROM ${RUNTIME_IMAGE}
WORKDIR /app
ENV NODE_ENV=production ORT_DISABLE_TELEMETRY=1
# What changes least comes first, so that a new version moves few bytes.
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app/native ./dist/native
COPY --from=build /app/dist ./dist
USER 65532:65532
EXPOSE 8080 9464
# The flags are those of NODE_FLAGS in scripts/build/node-flags.ts.
ENTRYPOINT ["/usr/local/bin/node", "--min-semi-space-size=8", "/app/dist/boot.cjs"]
