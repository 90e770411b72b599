using Admission.Grains.Configuration;
using Admission.Security.Keys;
using Microsoft.Extensions.Configuration;

namespace Admission.Security.Configuration;

/// <summary>Reads <c>Admission:Security</c>. No message quotes what could be a secret.</summary>
internal static class SecurityReader
{
    /// <summary>The section in a host's configuration.</summary>
    public const string SectionName = "Admission:Security";

    private const int MostKeys = 1_000;
    private const int LongestName = 100;
    private const int LongestTenant = 200;

    /// <summary>Reads the section of a host's configuration; the settings mean something only when no mistake was added.</summary>
    public static SecuritySettings Read(IConfiguration configuration, List<string> errors) => Read(new SectionReader(configuration.GetSection(SectionName), errors));

    /// <summary>Reads the section alone.</summary>
    public static SecuritySettings Read(SectionReader reader)
    {
        var defaults = new SecuritySettings();
        var failures = reader.Child("Failures");
        var settings = new SecuritySettings
        {
            Keys = Keys(reader),
            TrustLoopback = reader.Switch("TrustLoopback"),
            Hosts = Hosts(reader),
            Session = reader.Duration("Session", defaults.Session, TimeSpan.FromMinutes(1), TimeSpan.FromDays(7)),
            MaxFailures = failures.Count("Most", defaults.MaxFailures, 1, 10_000),
            FailureWindow = failures.Duration("Window", defaults.FailureWindow, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            Jwt = Jwt(reader.Child("Jwt")),
        };
        failures.RefuseTheRest();
        reader.RefuseTheRest();
        return settings;
    }

    private static List<ConfiguredKey> Keys(SectionReader reader)
    {
        var keys = new List<ConfiguredKey>();
        foreach (var (_, key) in reader.Children("Keys"))
        {
            var name = Name(key, "Name", LongestName, required: true);
            var role = key.Choice("Role", AccessRoles.All);
            if (role is null && !key.Has("Role"))
            {
                key.Error("Role", $"missing. Choose {string.Join(" or ", AccessRoles.All.Select(each => each.Name))}.");
            }

            var hash = Hash(key);
            var tenant = Name(key, "Tenant", LongestTenant, required: false);
            if (role == AccessRole.Client && tenant is null)
            {
                key.Error("Tenant", "missing. A key with the role client proves a tenant, and nothing else: say which.");
            }

            key.RefuseTheRest();
            if (hash is not null && keys.Exists(other => other.Hash.AsSpan().SequenceEqual(hash)))
            {
                key.Error("Hash", "another key has the same. Make one for each: admission key new.");
            }

            if (name is not null && role is { } known && hash is not null)
            {
                keys.Add(new ConfiguredKey(name, known, hash, tenant));
            }
        }

        if (keys.Count > MostKeys)
        {
            reader.Error("Keys", $"{keys.Count} are too many. Give at most {MostKeys}.");
        }

        return keys;
    }

    // Not with its value: whoever has mistaken the one for the other has written the secret.
    private static byte[]? Hash(SectionReader key)
    {
        var text = key.Text("Hash")?.Trim();
        var hash = text is null ? null : ApiKey.ParseHash(text);
        if (hash is null)
        {
            key.Error("Hash", text is null ? "missing. admission key new makes a key, and the line for it."
                : text.StartsWith(ApiKey.Prefix, StringComparison.Ordinal) ? "this is a key, and now whoever can read the configuration has it. Make another with admission key new, and write its hash."
                : $"not understood. It is {ApiKey.HashPrefix} and 64 hexadecimal digits, as admission key new prints it.");
        }

        return hash;
    }

    private static string? Name(SectionReader reader, string key, int longest, bool required)
    {
        var name = reader.Text(key)?.Trim();
        if (name is null && !required)
        {
            return null;
        }

        if (name is not { Length: > 0 } || name.Length > longest || name.Any(char.IsControl))
        {
            reader.Error(key, $"{(name is null ? "missing" : $"{name.Length} characters are not possible")}. Give 1 to {longest} characters, without control characters.");
            return null;
        }

        return name;
    }

    private static IReadOnlyList<string> Hosts(SectionReader reader)
    {
        var hosts = Texts(reader, "Hosts") ?? [];
        foreach (var host in hosts.Where(host => Uri.CheckHostName(host) == UriHostNameType.Unknown))
        {
            reader.Error("Hosts", $"'{host}' is not the name of a host. Give names without a scheme and a port, such as gateway.internal.");
        }

        return hosts;
    }

    private static JwtSettings? Jwt(SectionReader reader)
    {
        if (!reader.IsGiven)
        {
            return null;
        }

        var defaults = new JwtSettings();
        var authority = reader.Text("Authority")?.Trim();
        if (!Uri.TryCreate(authority, UriKind.Absolute, out var issuer) || !(issuer.Scheme == Uri.UriSchemeHttps || (issuer.Scheme == Uri.UriSchemeHttp && issuer.IsLoopback)))
        {
            reader.Error("Authority", $"{(authority is null ? "missing" : $"'{authority}' is not possible")}. Give the https address of the issuer, such as https://login.example/realms/ops; http only on this machine.");
        }

        var settings = new JwtSettings
        {
            Authority = authority ?? "",
            Audience = Name(reader, "Audience", LongestTenant, required: true) ?? "",
            RoleClaim = Name(reader, "RoleClaim", LongestName, required: false) ?? defaults.RoleClaim,
            NameClaim = Name(reader, "NameClaim", LongestName, required: false) ?? defaults.NameClaim,
            ViewerRoles = Texts(reader, "ViewerRoles") ?? defaults.ViewerRoles,
            OperatorRoles = Texts(reader, "OperatorRoles") ?? defaults.OperatorRoles,
        };
        reader.RefuseTheRest();
        return settings;
    }

    /// <summary>A list, as an array or in one text with commas; null where it is not given.</summary>
    private static List<string>? Texts(SectionReader reader, string key)
    {
        var child = reader.Child(key);
        return !child.IsGiven ? null
            : child.Value is { } text ? [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]
            : [.. reader.Children(key).Select(each => each.Reader.Value?.Trim() ?? "").Where(each => each.Length > 0)];
    }
}
