using System.Text;

namespace OrleansChat.Standalone.Tests.Tour;

/// <summary>A <c>curl</c> line as an HTTP request: the options that the tour uses, and no others.</summary>
internal static class CurlCommand
{
    public static HttpRequestMessage Parse(IReadOnlyList<string> words)
    {
        var request = new HttpRequestMessage();
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string? body = null;
        for (var index = 1; index < words.Count; index++)
        {
            switch (words[index])
            {
                case "-s" or "-N" or "-sN":
                    break;
                case "-X":
                    request.Method = HttpMethod.Parse(words[++index]);
                    break;
                case "-H":
                    var parts = words[++index].Split(": ", 2);
                    headers[parts[0]] = parts[1];
                    break;
                case "-d":
                    body = words[++index];
                    break;
                case var option when option[0] == '-':
                    throw new InvalidOperationException($"The tour uses curl's {option}, which the test does not know.");
                case var address:
                    request.RequestUri = new Uri(address);
                    break;
            }
        }

        if (body is not null)
        {
            headers.Remove("Content-Type", out var type);
            request.Content = new StringContent(body, Encoding.UTF8, type ?? "application/x-www-form-urlencoded");
            if (request.Method == HttpMethod.Get)
                request.Method = HttpMethod.Post;
        }

        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);

        return request;
    }
}
