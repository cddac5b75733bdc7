namespace OrleansChat.Core.Routing;

/// <summary>What a model is asked to do, by the names of OpenTelemetry's <c>gen_ai.operation.name</c>.</summary>
public static class ModelOperation
{
    /// <summary>To answer.</summary>
    public const string Chat = "chat";

    /// <summary>To give vectors of texts.</summary>
    public const string Embeddings = "embeddings";

    /// <summary>To order texts by how well they answer a question. OpenTelemetry has no name for it yet.</summary>
    public const string Rerank = "rerank";
}
