using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Admission.Dashboard.Hosting;

/// <summary>
/// The files that browsers get, from this assembly: they are the same from <c>dotnet run</c> and in a published folder, whatever the host's web root is, and nothing is asked of the internet. All style sheets are one file, in
/// the order of their names.
/// </summary>
internal sealed class DashboardAssets
{
    /// <summary>The style sheets together.</summary>
    public const string StyleSheet = "dashboard.css";

    private const string Prefix = "assets/";

    private readonly FrozenDictionary<string, Asset> _assets = ReadAll().ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The address of a file below the dashboard's own, with its content's hash: another content has another address.</summary>
    public string AddressOf(string name) => $"{Prefix}{name}?v={_assets[name].Hash}";

    /// <summary>Answers with a file; 404 for one that there is not.</summary>
    public IResult Answer(HttpContext context, string name)
    {
        if (!_assets.TryGetValue(name, out var asset))
        {
            return Results.NotFound();
        }

        // Under its hash a file is for ever; without it, it is asked for again and answered with 304.
        var headers = context.Response.Headers;
        headers.CacheControl = string.Equals(context.Request.Query["v"], asset.Hash, StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        headers.Vary = HeaderNames.AcceptEncoding;
        var packed = asset.Packed is not null && AcceptsGzip(context.Request);
        if (packed)
        {
            headers.ContentEncoding = "gzip";
        }

        return Results.Bytes(packed ? asset.Packed! : asset.Plain, asset.Type, entityTag: new EntityTagHeaderValue($"\"{asset.Hash}{(packed ? "-gz" : "")}\""));
    }

    private static bool AcceptsGzip(HttpRequest request) =>
        request.GetTypedHeaders().AcceptEncoding.Any(static encoding => encoding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && encoding.Quality is not 0);

    private static IEnumerable<KeyValuePair<string, Asset>> ReadAll()
    {
        var assembly = typeof(DashboardAssets).Assembly;
        var names = assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        var styles = new MemoryStream();
        foreach (var name in names)
        {
            using var resource = assembly.GetManifestResourceStream(name)!;
            if (name.EndsWith(".css", StringComparison.Ordinal))
            {
                resource.CopyTo(styles);
                continue;
            }

            var content = new MemoryStream();
            resource.CopyTo(content);
            yield return new(name[Prefix.Length..], Asset.Of(name, content.ToArray()));
        }

        yield return new(StyleSheet, Asset.Of(StyleSheet, styles.ToArray()));
    }

    private sealed record Asset(byte[] Plain, byte[]? Packed, string Type, string Hash)
    {
        public static Asset Of(string name, byte[] content)
        {
            var (type, isText) = Path.GetExtension(name) switch
            {
                ".js" => ("text/javascript; charset=utf-8", true),
                ".css" => ("text/css; charset=utf-8", true),
                ".svg" => ("image/svg+xml", true),
                ".woff2" => ("font/woff2", false),
                _ => ("text/plain; charset=utf-8", true),
            };
            return new Asset(content, isText ? Pack(content) : null, type, Convert.ToHexStringLower(SHA256.HashData(content))[..16]);
        }

        private static byte[] Pack(byte[] content)
        {
            var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            {
                gzip.Write(content);
            }

            return packed.ToArray();
        }
    }
}
