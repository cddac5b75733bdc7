namespace OrleansChat.Standalone.Tests.Journals;

/// <summary>The steps of <see cref="ScriptedFiles"/>.</summary>
public enum FileStep
{
    CreateFolder,
    Create,
    Open,
    Write,
    Flush,
    Truncate,
    Move,
    Delete,
    FlushFolder,
}
