using OrleansChat.ClientGateway.Hosting;

return await ClientGatewayServer.RunAsync(args, CancellationToken.None);
