using System.Globalization;
using System.Runtime.CompilerServices;
using Admission.Capacity;
using Admission.Grains.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>What a route says about admission, in its <c>Metadata</c>: each key starts with <c>Admission.</c>.</summary>
internal sealed class RouteSettings
{
    private const string Prefix = "Admission.";
    private static readonly string[] Keys =
        ["Admission.RequestBuffering", "Admission.ResponseBuffering", "Admission.TrustHeaders", "Admission.Weight", "Admission.Priority"];

    private static readonly ConditionalWeakTable<RouteConfig, RouteSettings> Cache = [];

    private RouteSettings(RouteConfig route, List<string>? errors)
    {
        foreach (var (key, value) in route.Metadata ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            if (key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && Apply(key, value) is { } problem)
            {
                errors?.Add($"ReverseProxy:Routes:{route.RouteId}:Metadata:{key}: {problem}");
            }
        }
    }

    /// <summary><c>Admission.RequestBuffering</c>: <c>On</c> (default) as the backend says, <c>Off</c> for requests that stream.</summary>
    public bool BuffersRequests { get; private set; } = true;

    /// <summary><c>Admission.ResponseBuffering</c>: <c>On</c> (default) as the backend says, <c>Off</c> for responses that must not be ahead of their reader.</summary>
    public bool BuffersResponses { get; private set; } = true;

    /// <summary><c>Admission.TrustHeaders</c>: whether weight, priority and tenant headers of the request count. Default false.</summary>
    public bool TrustsHeaders { get; private set; }

    /// <summary><c>Admission.Weight</c>: permits that each request of the route takes. 1 to 1,000,000; default 1.</summary>
    public int Weight { get; private set; } = 1;

    /// <summary><c>Admission.Priority</c>: 0 (first) to 99; default 10.</summary>
    public int Priority { get; private set; } = Priorities.Normal;

    /// <summary>The settings of a route that has been checked.</summary>
    public static RouteSettings Of(RouteConfig route) => Cache.GetValue(route, static route => new RouteSettings(route, errors: null));

    /// <summary>Reports the mistakes of a route.</summary>
    public static void Check(RouteConfig route, List<string> errors) => _ = new RouteSettings(route, errors);

    private string? Apply(string key, string value)
    {
        switch (Array.FindIndex(Keys, known => string.Equals(known, key, StringComparison.OrdinalIgnoreCase)))
        {
            case 0:
                return Switch(value, "On", "Off", on => BuffersRequests = on);
            case 1:
                return Switch(value, "On", "Off", on => BuffersResponses = on);
            case 2:
                return Switch(value, "true", "false", on => TrustsHeaders = on);
            case 3:
                return Number(value, 1, BackendPolicyRules.LargestLimit, number => Weight = number);
            case 4:
                return Number(value, Priorities.Critical, Priorities.Lowest, number => Priority = number);
            default:
                return $"there is no such setting.{Spelling.DidYouMean(key, Keys)} Known here: {string.Join(", ", Keys)}.";
        }
    }

    private static string? Switch(string value, string on, string off, Action<bool> apply)
    {
        var isOn = string.Equals(value, on, StringComparison.OrdinalIgnoreCase);
        if (!isOn && !string.Equals(value, off, StringComparison.OrdinalIgnoreCase))
        {
            return $"'{value}' is not possible. Choose {on} or {off}.";
        }

        apply(isOn);
        return null;
    }

    private static string? Number(string value, int least, int most, Action<int> apply)
    {
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < least || number > most)
        {
            return $"'{value}' is not possible. Give a whole number from {least} to {most}.";
        }

        apply(number);
        return null;
    }
}
