# syntax=docker/dockerfile:1
# The whole product in one process.
# Build from the repository's root: docker build -f deploy/docker/standalone.Dockerfile -t orleanschat/standalone .

FROM mcr.microsoft.com/dotnet/sdk:10.0-alpine AS build
WORKDIR /source

# What decides about packages first, so that a change of code restores nothing again.
COPY Directory.Build.props Directory.Build.targets Directory.Packages.props global.json .editorconfig ./
COPY build/ build/
COPY core/OrleansChat.Core.csproj core/
COPY providers/OrleansChat.Providers.csproj providers/
COPY gateway-api/OrleansChat.GatewayApi.csproj gateway-api/
COPY standalone/OrleansChat.Standalone.csproj standalone/
RUN dotnet restore standalone

COPY core/ core/
COPY providers/ providers/
COPY gateway-api/ gateway-api/
COPY standalone/ standalone/
RUN dotnet publish standalone --configuration Release --no-restore --output /app -p:UseAppHost=false

FROM mcr.microsoft.com/dotnet/aspnet:10.0-alpine AS final
# Budgets may follow the calendar of any time zone.
RUN apk add --no-cache tzdata \
    && mkdir /data \
    && chown "$APP_UID" /data
WORKDIR /app
COPY --from=build /app ./

# The root file system may be read-only: nothing but /data and /tmp is written.
ENV DOTNET_EnableDiagnostics=0 ORLEANSCHAT__URLS=http://0.0.0.0:8080 ORLEANSCHAT__DATADIRECTORY=/data
USER $APP_UID
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD wget -q -O /dev/null http://127.0.0.1:8080/ready || exit 1
ENTRYPOINT ["dotnet", "OrleansChat.Standalone.dll"]
