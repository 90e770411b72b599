using System.CommandLine;
using Admission.Cli.Gateway;
using Admission.Cli.Help;
using Admission.Frontend.Api;

namespace Admission.Cli.PolicyCommands;

/// <summary><c>admission pause</c>, <c>resume</c>, <c>drain</c> and <c>undrain</c>. What stops work asks first.</summary>
internal sealed class SwitchCommand : GatewayCommand
{
    private readonly Argument<string> _backend;
    private readonly Argument<string>? _destination;
    private readonly bool _asks;

    private SwitchCommand(CommandContext context, string name, string description, bool ofDestination, bool asks, Example example)
        : base(name, description, context, example)
    {
        _asks = asks;
        _backend = KnownNames.Backend(context);
        Add(_backend);
        if (ofDestination)
        {
            _destination = KnownNames.Destination(context, _backend);
            Add(_destination);
        }

        if (asks)
        {
            Add(Confirmation.Yes);
        }
    }

    public static SwitchCommand Pause(CommandContext context) => new(
        context, "pause", "Grants nothing more of a backend; what runs ends as it would. Requests wait, where the policy has a queue, or are refused.", false, true,
        new Example("admission pause sample", "asks first"));

    public static SwitchCommand Resume(CommandContext context) => new(
        context, "resume", "Ends a pause: who waits is served at once.", false, false, new Example("admission resume sample", ""));

    public static SwitchCommand Drain(CommandContext context) => new(
        context, "drain", "Sends nothing more to a destination; what runs there ends as it would.", true, true, new Example("admission drain sample a --yes", "without a question"));

    public static SwitchCommand Undrain(CommandContext context) => new(
        context, "undrain", "Ends a drain.", true, false, new Example("admission undrain sample a", ""));

    protected override Work Read(OptionValues values)
    {
        var backend = values.Text(_backend) ?? "";
        var destination = _destination is null ? null : values.Text(_destination) ?? "";
        var yes = !_asks || values.Switch(Confirmation.Yes);
        return session => SwitchAsync(session, backend, destination, yes);
    }

    private async Task<int> SwitchAsync(Session session, string backend, string? destination, bool yes)
    {
        if (!yes)
        {
            var view = (await session.GetAsync(AdminApi.Backend(backend))).As<BackendView>();
            var booked = destination is null ? view.InUse : view.Destinations.FirstOrDefault(each => string.Equals(each.Id, destination, StringComparison.OrdinalIgnoreCase))?.Booked;
            var target = destination is null ? view.Id : $"{destination} of {view.Id}";
            await session.ConfirmAsync($"{char.ToUpperInvariant(Name[0])}{Name[1..]} {target}, with {booked ?? 0} in use{(destination is null ? $" and {view.Queued ?? 0} waiting" : "")}?", yes);
        }

        var path = destination is null ? $"/{Name}" : $"/destinations/{Uri.EscapeDataString(destination)}/{Name}";
        return await PolicyChange.TellAsync(session, backend, session.Api.AskAsync(HttpMethod.Post, AdminApi.Backend(backend, path), session.Stop));
    }
}
