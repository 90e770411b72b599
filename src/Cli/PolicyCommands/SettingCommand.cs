using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Admission.Cli.Gateway;
using Admission.Cli.Help;
using Admission.Frontend.Api.Policies;

namespace Admission.Cli.PolicyCommands;

/// <summary>A command that gives one setting of a policy a number, or takes that back.</summary>
internal abstract class SettingCommand : GatewayCommand
{
    private readonly (int Least, int Most) _bounds;
    private readonly Argument<string> _value;
    private readonly Option<bool> _reset = new("--reset") { Description = "Instead of N: back to what is configured." };

    protected SettingCommand(CommandContext context, string name, string description, int least, int most, params IReadOnlyList<Example> examples)
        : base(name, description, context, examples)
    {
        _bounds = (least, most);
        Backend = KnownNames.Backend(context);
        Add(Backend);
        _value = new Argument<string>("N") { Description = string.Create(CultureInfo.InvariantCulture, $"{least} to {most}; --reset instead for what is configured."), Arity = ArgumentArity.ZeroOrOne };
        Add(_reset);
        Add(Confirmation.Yes);
    }

    public override string More => Confirmation.Words;

    protected Argument<string> Backend { get; }

    /// <summary>Adds the number, after all other arguments.</summary>
    protected void AddValue() => Add(_value);

    /// <summary>Reads which setting it is.</summary>
    protected abstract Setting Choose(OptionValues values);

    protected override Work Read(OptionValues values)
    {
        var backend = values.Text(Backend) ?? "";
        var setting = Choose(values);
        var (reset, given) = (values.Switch(_reset), values.Text(_value) is not null);
        var number = values.Count(_value, _bounds.Least, _bounds.Most);
        if (reset == given)
        {
            values.Mistake(reset ? "N and --reset contradict each other. Leave one out." : string.Create(CultureInfo.InvariantCulture, $"N is missing: give a number from {_bounds.Least} to {_bounds.Most}, or --reset for what is configured."));
        }

        var yes = values.Switch(Confirmation.Yes);
        return session => ChangeAsync(session, backend, setting, number, yes);
    }

    private static async Task<int> ChangeAsync(Session session, string backend, Setting setting, int? number, bool yes)
    {
        var (policy, etag) = await PolicyChange.LookAsync(session, backend);
        if (setting.Unknown(policy) is { } unknown)
        {
            throw new CommandFailedException(ExitCodes.Refused, unknown);
        }

        var (present, configured) = (setting.Present(policy), setting.Configured(policy));
        var back = number is null ? " (as configured)" : present == number ? " (as it is, also when the configuration changes)" : "";
        var from = present is { } now ? now.ToString(CultureInfo.InvariantCulture) : "none";
        var to = (number ?? configured) is { } then ? then.ToString(CultureInfo.InvariantCulture) : "none";
        await session.ConfirmAsync($"{policy.Backend}: {setting.Name} {from} -> {to}{back}. Change it?", yes);
        return await PolicyChange.PatchAsync(session, policy.Backend, setting.Patch(number), etag);
    }

    /// <summary>One setting.</summary>
    /// <param name="Name">Its name, as history has it.</param>
    /// <param name="Present">What it is.</param>
    /// <param name="Configured">What is configured.</param>
    /// <param name="Patch">What changes it.</param>
    /// <param name="Unknown">Why there is no such setting; null if there is.</param>
    protected sealed record Setting(
        string Name, Func<PolicyResourceView, int?> Present, Func<PolicyResourceView, int?> Configured, Func<int?, JsonObject> Patch, Func<PolicyResourceView, string?> Unknown);
}
