using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Orleans.Serialization.Cloning;

namespace OrleansChat.GrainInterfaces.Wire;

/// <summary>Registers how records travel, on silos and clients alike.</summary>
public static class WireServices
{
    /// <summary>
    /// The version of what silos and gateways say to each other. New optional fields and methods do not change it; what an older release would misunderstand does.
    /// </summary>
    public const int Version = 1;

    /// <summary>Adds the System.Text.Json codec for every record that crosses the wire.</summary>
    /// <param name="services">The services of a silo or a client.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddOrleansChatWire(this IServiceCollection services)
    {
        services.AddSingleton<IGeneralizedCopier, ImmutableRecordCopier>();
        return services.AddSerializer(serializer => serializer.AddJsonSerializer(
            isSerializable: WireTypes.Contains,
            isCopyable: null,
            json => json.Configure(options => options.SerializerOptions = WireJson.Default.Options)));
    }
}
