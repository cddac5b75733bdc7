using System.Globalization;
using OrleansChat.GatewayApi.Bodies;

namespace OrleansChat.GatewayApi.Tests.Bodies;

public sealed class IsoTimeTests
{
    [Theory]
    [InlineData("2030-01-31", "2030-01-31T00:00:00.0000000+00:00")]
    [InlineData("2030-01-31T12:30", "2030-01-31T12:30:00.0000000+00:00")]
    [InlineData("2030-01-31T12:30:15", "2030-01-31T12:30:15.0000000+00:00")]
    [InlineData("2030-01-31t12:30:15.25z", "2030-01-31T12:30:15.2500000+00:00")]
    [InlineData("2030-01-31 12:30:15.123456789Z", "2030-01-31T12:30:15.1234567+00:00")]
    [InlineData("2030-01-31T00:30:00+02:00", "2030-01-30T22:30:00.0000000+00:00")]
    [InlineData("2030-01-31T23:30:00-02:00", "2030-02-01T01:30:00.0000000+00:00")]
    public void Read_OfAnIsoTime_IsTheMomentInUtc_WhateverTheServersTimeZone(string text, string moment) =>
        Assert.Equal(moment, IsoTime.Read(text)?.ToString("O", CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("")]
    [InlineData("12:00")]
    [InlineData("11/12/2030")]
    [InlineData("30-01-31")]
    [InlineData("2030-02-30")]
    [InlineData("2030-01-31T24:00:01Z")]
    [InlineData("2030-01-31T12:00:00 02:00")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("Thu, 31 Jan 2030 00:00:00 GMT")]
    [InlineData("1893456000")]
    [InlineData("２０３０-01-31")]
    [InlineData("2030-01-31\"")]
    public void Read_OfAnythingElse_IsNothing(string text) => Assert.Null(IsoTime.Read(text));
}
