using System.Reflection;
using System.Text.Json.Serialization;
using OrleansChat.GrainInterfaces.Directory;
using OrleansChat.GrainInterfaces.Wire;
using OrleansChat.Grains.Hosting;
using OrleansChat.Testing.Stored;

namespace OrleansChat.Grains.Tests.Contracts;

/// <summary>Every name and number by which silos and gateways of neighbouring versions, and states written long ago, know each other.</summary>
internal static class WireNames
{
    private const BindingFlags Own = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;

    private static IEnumerable<Type> Types =>
        new[] { typeof(GrainDirectory).Assembly, typeof(GrainServices).Assembly }.SelectMany(assembly => assembly.GetTypes());

    /// <summary>A line for each, in the order of the text.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Grains.Concat(Interfaces).Concat(Methods).Concat(Members).Concat(Json).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Grains =>
        from type in Types
        where type.GetCustomAttribute<GrainTypeAttribute>() is not null
        let name = type.GetCustomAttributesData().Single(attribute => attribute.AttributeType == typeof(GrainTypeAttribute)).ConstructorArguments[0].Value
        select $"grain {name}";

    private static IEnumerable<string> Interfaces =>
        from type in Types
        where type.IsInterface && type.GetCustomAttribute<AliasAttribute>() is not null
        select $"interface {NameOf(type)}";

    private static IEnumerable<string> Methods =>
        from type in Types
        where type.IsInterface && type.GetCustomAttribute<AliasAttribute>() is not null
        from method in type.GetMethods(Own)
        let parameters = string.Join(", ", method.GetParameters().Select(parameter => Show(parameter.ParameterType)))
        select $"method {NameOf(type)}/{NameOf(method)}({parameters}) {Show(method.ReturnType)}";

    private static IEnumerable<string> Members =>
        from type in Types
        where !type.IsInterface && type.GetCustomAttribute<AliasAttribute>()?.Alias.StartsWith("orleanschat.", StringComparison.Ordinal) is true
        from member in type.GetFields(Own)
        where member.GetCustomAttribute<IdAttribute>() is not null
        select $"member {NameOf(type)}/{member.GetCustomAttribute<IdAttribute>()!.Id} {Show(member.FieldType)}";

    private static IEnumerable<string> Json =>
        JsonNames.Of(
            from attribute in typeof(WireJson).GetCustomAttributesData()
            where attribute.AttributeType == typeof(JsonSerializableAttribute)
            select (Type)attribute.ConstructorArguments[0].Value!,
            WireJson.Default.Options);

    private static string? NameOf(MemberInfo named) => named.GetCustomAttribute<AliasAttribute>()?.Alias;

    private static string Show(Type type) => JsonNames.Show(type);
}
