using OrleansChat.Contract.Tests.RateLimiting;
using Xunit.Abstractions;

namespace OrleansChat.Contract.Tests.Local;

public sealed class LocalRateLimiterTests(ITestOutputHelper output) : RateLimiterContract<LocalHost>(output);
