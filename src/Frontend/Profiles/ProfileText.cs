using Admission.Grains.Configuration;

namespace Admission.Frontend.Profiles;

/// <summary>A profile in one text: the server, then its numbers, by the names of the settings or of the server's own options.</summary>
internal static class ProfileText
{
    private const string Form = "Write one such as gunicorn,workers=4,threads=2.";

    /// <summary>Turns the text into the section that it stands for, at the same path.</summary>
    /// <param name="backend">The backend's section, with a value at <c>Profile</c>.</param>
    /// <returns>Null, and an error, when it cannot be understood.</returns>
    public static SectionReader? Expand(SectionReader backend)
    {
        var parts = (backend.Text("Profile") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var path = $"{backend.Path}:Profile";
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in parts)
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = equals < 0 ? ("Server", part) : (Name(part[..equals]), part[(equals + 1)..].Trim());
            if (key.Length == 0 || value.Length == 0)
            {
                backend.Error("Profile", $"'{part}' is not understood. {Form}");
                return null;
            }

            if (!settings.TryAdd($"{path}:{key}", value))
            {
                backend.Error("Profile", $"'{key}' is given twice. {Form}");
                return null;
            }
        }

        return backend.Over(new ConfigurationBuilder().AddInMemoryCollection(settings).Build().GetSection(path));
    }

    // limit-concurrency, limit_concurrency and LimitConcurrency are one name.
    private static string Name(string text) => text.Trim().Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
}
