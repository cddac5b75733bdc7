using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Qdrant.Client.Grpc;

namespace OrleansChat.VectorQdrant.Passages;

/// <summary>
/// The ids of points: UUIDs of version 8 (RFC 9562) with bits of a SHA-256 of what the point is, so that a repeated write hits the same
/// point.
/// </summary>
internal static class PointIds
{
    /// <summary>The point that says which revision of a document is in place.</summary>
    public static PointId Head(string documentId) => Of($"head\n{documentId}");

    /// <summary>A passage of one revision.</summary>
    public static PointId Passage(string documentId, long revision, int ordinal) =>
        Of(string.Create(CultureInfo.InvariantCulture, $"passage\n{revision}\n{ordinal}\n{documentId}"));

    private static PointId Of(string name)
    {
        var bytes = SHA256.HashData(Encoding.Unicode.GetBytes(name)).AsSpan(0, 16);
        bytes[6] = (byte)(bytes[6] & 0x0F | 0x80);
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80);
        return new PointId { Uuid = new Guid(bytes, bigEndian: true).ToString("D") };
    }
}
