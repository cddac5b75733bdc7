using OrleansChat.Silo.Hosting;

return await SiloServer.RunAsync(args, CancellationToken.None);
