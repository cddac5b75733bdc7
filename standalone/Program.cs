using OrleansChat.Standalone.Commands;

return await RootCommands.Create().Parse(args).InvokeAsync(RootCommands.Invocation);
