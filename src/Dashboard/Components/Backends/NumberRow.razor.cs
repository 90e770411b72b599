using System.Globalization;
using Admission.Dashboard.Components.Formatting;
using Microsoft.AspNetCore.Components;

namespace Admission.Dashboard.Components.Backends;

/// <summary>A number that can be changed.</summary>
public sealed partial class NumberRow
{
    private string? _typed;
    private string? _problem;
    private int _seen;

    /// <summary>What it is.</summary>
    [Parameter, EditorRequired]
    public string Name { get; set; } = "";

    /// <summary>The number in force.</summary>
    [Parameter, EditorRequired]
    public int Value { get; set; }

    /// <summary>The number that is configured.</summary>
    [Parameter]
    public int? Configured { get; set; }

    /// <summary>The least that it may be.</summary>
    [Parameter, EditorRequired]
    public int Least { get; set; }

    /// <summary>The most that it may be.</summary>
    [Parameter, EditorRequired]
    public int Most { get; set; }

    /// <summary>It cannot be changed.</summary>
    [Parameter]
    public bool IsDisabled { get; set; }

    /// <summary>Another number is wanted.</summary>
    [Parameter]
    public EventCallback<int> Chosen { get; set; }

    private string Id { get; } = $"number-{Guid.NewGuid():N}";

    private bool IsChanged => _typed is not null && !string.Equals(_typed, Value.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <inheritdoc />
    protected override void OnParametersSet()
    {
        // Another number is in force, so what was typed was about something else, or is done.
        if (_seen != Value)
        {
            (_seen, _typed, _problem) = (Value, null, null);
        }
    }

    private void Type(string? text) => (_typed, _problem) = (text?.Trim() ?? "", null);

    private Task ChooseAsync()
    {
        if (IsDisabled)
        {
            return Task.CompletedTask;
        }

        if (!IsChanged)
        {
            _problem = $"It is {Words.Count(Value)} already.";
            return Task.CompletedTask;
        }

        if (!int.TryParse(_typed, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < Least || number > Most)
        {
            _problem = $"Give a whole number from {Words.Count(Least)} to {Words.Count(Most)}.";
            return Task.CompletedTask;
        }

        return Chosen.InvokeAsync(number);
    }
}
