namespace OrleansChat.GatewayApi.Tests.Conversations;

/// <summary>Where clients find a gateway.</summary>
internal interface IGatewaySite
{
    HttpClient Client { get; }

    Uri Address { get; }
}
