namespace OrleansChat.Core.Admission;

/// <summary>Questions to several actors at once. Answers that are there at once cost nothing.</summary>
internal sealed class PendingAnswers
{
    private List<Task<bool>>? _running;
    private bool _all = true;

    /// <summary>Adds a question.</summary>
    /// <param name="call">The call, already begun.</param>
    public void Add(ValueTask<bool> call)
    {
        if (call.IsCompletedSuccessfully)
            _all &= call.GetAwaiter().GetResult();
        else
            (_running ??= []).Add(call.AsTask());
    }

    /// <summary>Waits for all.</summary>
    /// <returns>Whether all answers are yes.</returns>
    public async ValueTask<bool> AllAsync()
    {
        if (_running is null)
            return _all;

        var answers = await Task.WhenAll(_running);
        return _all && answers.All(static answer => answer);
    }
}
