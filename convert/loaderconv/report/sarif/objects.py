"""The objects of SARIF 2.1.0 that are written here, with the property names of the standard."""

from typing import Literal, NotRequired, TypedDict

Level = Literal["error", "warning", "note"]


class Message(TypedDict):
    """`message`."""

    text: str


class MultiformatMessage(TypedDict):
    """`multiformatMessageString`."""

    text: str
    markdown: NotRequired[str]


class ReportingConfiguration(TypedDict):
    """`reportingConfiguration`."""

    level: Level


RuleProperties = TypedDict("RuleProperties", {"tags": list[str], "precision": str, "problem.severity": str})


class ReportingDescriptor(TypedDict):
    """`reportingDescriptor`: a rule, or a kind of notification."""

    id: str
    name: NotRequired[str]
    shortDescription: MultiformatMessage
    fullDescription: NotRequired[MultiformatMessage]
    help: NotRequired[MultiformatMessage]
    defaultConfiguration: NotRequired[ReportingConfiguration]
    properties: NotRequired[RuleProperties]


class ToolComponent(TypedDict):
    """`toolComponent`."""

    name: str
    version: str
    rules: list[ReportingDescriptor]
    notifications: list[ReportingDescriptor]


class Tool(TypedDict):
    """`tool`."""

    driver: ToolComponent


class ArtifactLocation(TypedDict):
    """`artifactLocation`."""

    uri: str


class Region(TypedDict):
    """`region`."""

    startLine: int
    startColumn: int
    endLine: int
    endColumn: int
    byteOffset: NotRequired[int]
    byteLength: NotRequired[int]


class Address(TypedDict):
    """`address`."""

    absoluteAddress: int
    length: NotRequired[int]
    kind: NotRequired[str]
    name: NotRequired[str]


class PhysicalLocation(TypedDict):
    """`physicalLocation`."""

    artifactLocation: ArtifactLocation
    region: NotRequired[Region]
    address: NotRequired[Address]


class LogicalLocation(TypedDict):
    """`logicalLocation`."""

    name: str
    fullyQualifiedName: str
    kind: str


class Location(TypedDict):
    """`location`."""

    physicalLocation: PhysicalLocation
    logicalLocations: NotRequired[list[LogicalLocation]]


class DescriptorReference(TypedDict):
    """`reportingDescriptorReference`."""

    id: str
    index: NotRequired[int]


class Notification(TypedDict):
    """`notification`."""

    descriptor: DescriptorReference
    level: Level
    message: Message
    locations: NotRequired[list[Location]]


class Invocation(TypedDict):
    """`invocation`."""

    executionSuccessful: bool
    toolExecutionNotifications: list[Notification]
    toolConfigurationNotifications: list[Notification]


class ResultProperties(TypedDict):
    """What SARIF has no property for."""

    code: str
    fix: str
    isFixable: bool
    hosts: dict[str, str]


class Result(TypedDict):
    """`result`."""

    ruleId: str
    ruleIndex: int
    level: Level
    message: Message
    locations: list[Location]
    partialFingerprints: dict[str, str]
    properties: ResultProperties


class Run(TypedDict):
    """`run`."""

    tool: Tool
    invocations: list[Invocation]
    columnKind: str
    results: list[Result]


Log = TypedDict("Log", {"$schema": str, "version": str, "runs": list[Run]})
