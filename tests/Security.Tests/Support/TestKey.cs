using Admission.Security.Keys;

namespace Admission.Security.Tests.Support;

/// <summary>A key, and how it is configured.</summary>
internal sealed record TestKey(string Name, string Role, string? Tenant = null)
{
    public string Text { get; } = ApiKey.Create();

    /// <summary>The settings of several keys.</summary>
    public static Dictionary<string, string?> Settings(params TestKey[] keys)
    {
        var settings = new Dictionary<string, string?>();
        for (var i = 0; i < keys.Length; i++)
        {
            var path = $"Admission:Security:Keys:{i}:";
            settings[path + "Name"] = keys[i].Name;
            settings[path + "Role"] = keys[i].Role;
            settings[path + "Hash"] = ApiKey.HashText(keys[i].Text);
            if (keys[i].Tenant is { } tenant)
            {
                settings[path + "Tenant"] = tenant;
            }
        }

        return settings;
    }
}
