using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace OrleansChat.Testing.Running;

/// <summary>
/// Runs tests with a limit of time for each: one that waits for what never comes has failed, and is named; without the limit it would take the rest of
/// its project's tests with it. The limit is far above what any test takes on a busy machine.
/// </summary>
/// <param name="messages">Told of what the framework itself does.</param>
public sealed class LimitedTests(IMessageSink messages) : XunitTestFramework(messages)
{
    /// <summary>Sets another limit, in seconds; 0 for none, as where a debugger holds a test.</summary>
    public const string Variable = "ORLEANSCHAT_TEST_LIMIT";

    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(210);

    /// <inheritdoc/>
    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assemblyName) =>
        new Executor(assemblyName, SourceInformationProvider, DiagnosticMessageSink);

    // A night's search repeats its rounds for as long as it is told to.
    private static TimeSpan Limit =>
        int.TryParse(Environment.GetEnvironmentVariable(Variable), out var seconds) ? TimeSpan.FromSeconds(seconds)
        : Environment.GetEnvironmentVariable(LongRuns.Variable) is { Length: > 0 } ? TimeSpan.Zero
        : Usual;

    private sealed class Executor(AssemblyName assembly, ISourceInformationProvider sources, IMessageSink messages)
        : XunitTestFrameworkExecutor(assembly, sources, messages)
    {
        // As if each test's attribute named the limit; the attribute itself has no default that could be set elsewhere.
        private static readonly PropertyInfo Timeout = typeof(XunitTestCase).GetProperty(nameof(XunitTestCase.Timeout))!;

        protected override void RunTestCases(
            IEnumerable<IXunitTestCase> testCases, IMessageSink executionMessageSink, ITestFrameworkExecutionOptions executionOptions)
        {
            var limited = testCases.ToList();
            var milliseconds = (int)Limit.TotalMilliseconds;
            foreach (var test in limited.OfType<XunitTestCase>().Where(test => test.Timeout == 0 && IsAsynchronous(test)))
                Timeout.SetValue(test, milliseconds);

            base.RunTestCases(limited, executionMessageSink, executionOptions);
        }

        // One that never lets go of its thread cannot be left.
        private static bool IsAsynchronous(XunitTestCase test) => typeof(Task).IsAssignableFrom(test.TestMethod.Method.ToRuntimeMethod()?.ReturnType);
    }
}
