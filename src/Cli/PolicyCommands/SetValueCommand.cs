using System.Text.Json.Nodes;
using Admission.Cli.Help;
using Admission.Frontend.Api.Policies;

namespace Admission.Cli.PolicyCommands;

/// <summary><c>admission set queue</c> and <c>admission set adaptive-min</c>: one number of the whole policy.</summary>
internal sealed class SetValueCommand : SettingCommand
{
    private readonly Setting _setting;

    public SetValueCommand(
        CommandContext context, string name, string description, int least, int most, string field, Func<PolicyResourceView, int?> present, Func<PolicyResourceView, int?> configured, int example)
        : base(
            context, name, description, least, most,
            new Example($"admission set {name} sample {example}", "asks first, showing from what to what"), new Example($"admission set {name} sample --reset", "back to what is configured"))
    {
        _setting = new Setting(field, present, configured, number => new JsonObject { [field] = number }, static _ => null);
        AddValue();
    }

    protected override Setting Choose(OptionValues values) => _setting;
}
