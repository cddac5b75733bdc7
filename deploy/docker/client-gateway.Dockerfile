# syntax=docker/dockerfile:1
# The gateway over a cluster.
# Build from the repository's root: docker build -f deploy/docker/client-gateway.Dockerfile -t orleanschat/client-gateway .

FROM mcr.microsoft.com/dotnet/sdk:10.0-alpine AS build
WORKDIR /source

# What decides about packages first, so that a change of code restores nothing again.
COPY Directory.Build.props Directory.Build.targets Directory.Packages.props global.json .editorconfig ./
COPY build/ build/
COPY core/OrleansChat.Core.csproj core/
COPY providers/OrleansChat.Providers.csproj providers/
COPY gateway-api/OrleansChat.GatewayApi.csproj gateway-api/
COPY grain-interfaces/OrleansChat.GrainInterfaces.csproj grain-interfaces/
COPY vector-qdrant/OrleansChat.VectorQdrant.csproj vector-qdrant/
COPY client-gateway/OrleansChat.ClientGateway.csproj client-gateway/
RUN dotnet restore client-gateway

COPY core/ core/
COPY providers/ providers/
COPY gateway-api/ gateway-api/
COPY grain-interfaces/ grain-interfaces/
COPY vector-qdrant/ vector-qdrant/
COPY client-gateway/ client-gateway/
RUN dotnet publish client-gateway --configuration Release --no-restore --output /app -p:UseAppHost=false

FROM mcr.microsoft.com/dotnet/aspnet:10.0-alpine AS final
# Budgets may follow the calendar of any time zone.
RUN apk add --no-cache tzdata
WORKDIR /app
COPY --from=build /app ./

# The root file system may be read-only: nothing but /tmp is written.
ENV DOTNET_EnableDiagnostics=0 ORLEANSCHAT__URLS=http://0.0.0.0:8080
USER $APP_UID
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD wget -q -O /dev/null http://127.0.0.1:8080/ready || exit 1
ENTRYPOINT ["dotnet", "OrleansChat.ClientGateway.dll"]
