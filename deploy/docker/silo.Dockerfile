# syntax=docker/dockerfile:1
# An Orleans silo.
# Build from the repository's root: docker build -f deploy/docker/silo.Dockerfile -t orleanschat/silo .

FROM mcr.microsoft.com/dotnet/sdk:10.0-alpine AS build
WORKDIR /source

# What decides about packages first, so that a change of code restores nothing again.
COPY Directory.Build.props Directory.Build.targets Directory.Packages.props global.json .editorconfig ./
COPY build/ build/
COPY core/OrleansChat.Core.csproj core/
COPY providers/OrleansChat.Providers.csproj providers/
COPY grain-interfaces/OrleansChat.GrainInterfaces.csproj grain-interfaces/
COPY grains/OrleansChat.Grains.csproj grains/
COPY vector-qdrant/OrleansChat.VectorQdrant.csproj vector-qdrant/
COPY silo/OrleansChat.Silo.csproj silo/
RUN dotnet restore silo

COPY core/ core/
COPY providers/ providers/
COPY grain-interfaces/ grain-interfaces/
COPY grains/ grains/
COPY vector-qdrant/ vector-qdrant/
COPY silo/ silo/
RUN dotnet publish silo --configuration Release --no-restore --output /app -p:UseAppHost=false

FROM mcr.microsoft.com/dotnet/aspnet:10.0-alpine AS final
# Budgets may follow the calendar of any time zone.
RUN apk add --no-cache tzdata
WORKDIR /app
COPY --from=build /app ./

# The root file system may be read-only: nothing but /tmp is written.
ENV DOTNET_EnableDiagnostics=0 ORLEANSCHAT__CLUSTER__SILOURLS=http://0.0.0.0:8081
USER $APP_UID
EXPOSE 8081 11111 30000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD wget -q -O /dev/null http://127.0.0.1:8081/ready || exit 1
ENTRYPOINT ["dotnet", "OrleansChat.Silo.dll"]
